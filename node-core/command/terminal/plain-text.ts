/**
 * Text of others on a terminal: what peers say of themselves, log lines, names. A terminal obeys control characters, so that a peer's name could
 * move the cursor, or write what looks like a line of ours; and characters that turn the direction of writing show text in another order than it has. Both
 * become a visible sign.
 */

const OBEYED = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

export function plainText(text: string): string {
  return text.replace(OBEYED, '\ufffd')
}
