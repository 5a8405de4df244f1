/** What a PromQL query asks for, as far as names and labels go: enough to say whether a node has an answer. It evaluates nothing. */
export interface Selector {
  readonly metric: string
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[]
}

export interface Query {
  readonly selectors: readonly Selector[]
  /** Of `by (…)`, `on (…)` and the like. */
  readonly labels: readonly string[]
}

const WORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right', 'inf', 'nan'])
const GROUPING = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g
const MATCHER = /^([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"$/

/** Throws where brackets do not close or a matcher is none. */
export function readQuery(text: string): Query {
  if ([...'({['].some((open, index) => text.split(open).length !== text.split(')}]'[index] as string).length)) throw new Error(`brackets do not close: ${text}`)
  const labels = [...text.matchAll(GROUPING)].flatMap(([, list]) => (list as string).split(',').map((label) => label.trim()))
  // Durations and grouping are no names of metrics.
  const rest = text.replaceAll(/\[[^\]]*\]/g, '').replaceAll(GROUPING, '')
  const selectors: Selector[] = []
  const token = /([a-zA-Z_:][\w:]*)\s*(\{[^}]*\}|\()?|"(?:[^"\\]|\\.)*"|\d[\w.]*/g
  for (const [, name, behind] of rest.matchAll(token)) {
    if (name === undefined || WORDS.has(name.toLowerCase()) || behind === '(') continue
    selectors.push({ metric: name, matchers: behind === undefined ? [] : matchersOf(behind.slice(1, -1)) })
  }
  return { selectors, labels }
}

function matchersOf(list: string): Selector['matchers'] {
  return [...list.matchAll(/[^,"]+"(?:[^"\\]|\\.)*"/g)].map(([text]) => {
    const match = MATCHER.exec(text.trim())
    if (match === null) throw new Error(`no matcher: ${text}`)
    return { label: match[1] as string, operator: match[2] as string, value: match[3] as string }
  })
}
