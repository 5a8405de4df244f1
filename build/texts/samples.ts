/**
 * Values that the texts of the app are read with. A message that is a function says in its types what it takes; here stands what it
 * is given: by the name of the parameter where that matters to a reader, else by its type.
 */
const PEER = '12D3Koo…c6iDEp'

/** Two where a language has a singular and a plural. */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  port: [30333], from: [7], to: [21], disk: [12e9], memory: [4e9], free: [5e9], needed: [40e9], total: [12], all: [7], done: [4e9], share: [0.44],
  seconds: [120], minutes: [60], pid: [4711], round: [812], set: [3], version: [1002000], target: [3], current: [2], line: [4], column: [17], position: [7], step: [2],
  attempt: [2], index: [2], authority: [1], year: [2026],
}

const STRINGS: Readonly<Record<string, string>> = {
  name: 'Local', peers: '‹12›', finality: '‹2›', network: 'Local', peer: PEER, found: '12D3Koo…9xYzAB', best: '#48,120', finalized: '#48,118', final: '#48,118', height: '#48,120', block: '#48,120', head: '#48,118',
  from: '#48,001', to: '#48,120', ours: '#31,250', highest: '#100,000', target: '#48,120 0x3f9a…c2a1', base: '#48,000', hash: '0x3f9a…c2a1', span: '3 min', time: '13:04:05',
  until: 'Nov 21, 2026, 13:04:05', percent: '31 %', share: '31 %', speed: '412/s', left: '14 min', cost: '50', path: '/home/ada/Nodestead/dev', free: '1.2 GB', needed: '5 GB', stop: '2 GB',
  version: '1.4.0', commit: '3f9a1c2', author: 'Alice', account: 'alice', root: '5Grwva…utQY', address: '/ip4/192.0.2.1/tcp/30333', port: '30333', screen: '‹screen›', url: 'https://polkadot.js.org/apps',
  genesis: '0x91b1…90c3', end: 'oHGKut', state: 'running', title: '‹title›', topic: '‹…›', label: 'Name', bytes: '9.4 MB', bytesIn: '214 kB/s', bytesOut: '98 kB/s', rateIn: '12', rateOut: '9',
  what: 'Local', why: '', count: '3', total: '98 MB', done: '44 MB', rate: '2 kB/s', bans: '', fix: '', pace: ', 6 s', seen: '#48,120',
}

/** For what is neither a number, a text nor a choice. */
const TYPES: Readonly<Record<string, readonly unknown[]>> = {
  'readonly string[]': [['Alice', 'Bob']],
  SchemaFault: [
    ...['object', 'array', 'boolean', 'integer', 'string'].map((expected) => ({ code: 'type', expected })),
    ...['multiaddr', 'peer-multiaddr', 'origin', 'file-path', 'log-filter', 'other'].map((format) => ({ code: 'format', format })),
    { code: 'range', minimum: 1, maximum: 65535 },
    { code: 'choice', choices: ['full', 'validator'] },
    { code: 'missing' },
    { code: 'unknown' },
    { code: 'length', minimum: 1, maximum: 60 },
    { code: 'tooMany', maximum: 8 },
  ],
}

/** What a parameter of this name and type is given, one after the other. Empty where nobody said what it could be. */
export function samplesFor(name: string, type: string): readonly unknown[] {
  const parts = type.split('|').map((part) => part.trim())
  const plain = parts.filter((part) => part !== 'undefined')
  const given = plain.length === 1 ? sampleOf(name, plain[0] ?? '') : plain.map((part) => /^'(.*)'$/.exec(part)?.[1]).filter((choice) => choice !== undefined)
  return plain.length < parts.length ? [...given, undefined] : given
}

function sampleOf(name: string, type: string): readonly unknown[] {
  switch (type) {
    case 'number':
      return NUMBERS[name] ?? [1, 3]
    case 'string':
      return [STRINGS[name] ?? `‹${name}›`]
    case 'boolean':
      return [false, true]
    default:
      return TYPES[type] ?? []
  }
}
