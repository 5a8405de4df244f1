/**
 * A screen of its own for what must not stay on the terminal: the other screen that terminals have, of which nothing goes into their list of
 * earlier lines. Where a terminal has one screen alone, each line of it is erased in its place: whoever clears a screen as a whole moves it up
 * into that list.
 */

const OTHER_SCREEN = '\x1b[?1049h'
const FIRST_SCREEN = '\x1b[?1049l'
const HOME = '\x1b[H'
const USUAL_ROWS = 24

export interface ScreenOutput {
  readonly rows?: number
  write(text: string): unknown
}

/** Whether the cursor can be moved there. */
export function canErase({ TERM: terminal = '' }: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform = process.platform): boolean {
  return terminal === '' ? platform === 'win32' : terminal !== 'dumb'
}

/** Shows `text` while `work` goes on, and leaves nothing of either, however that ends. */
export async function onOwnScreen<T>(output: ScreenOutput, text: string, work: () => Promise<T>): Promise<T> {
  output.write(`${OTHER_SCREEN}${erased(output)}${text}`)
  try {
    return await work()
  } finally {
    output.write(`${erased(output)}${FIRST_SCREEN}`)
  }
}

function erased({ rows = USUAL_ROWS }: ScreenOutput): string {
  return `${HOME}${Array.from({ length: rows }, () => '\x1b[2K').join('\x1b[1B')}${HOME}`
}
