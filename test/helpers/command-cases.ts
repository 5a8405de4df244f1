/**
 * How each command is seen on a terminal, piped and by programs: a line that can be typed, and what is shown. A further command has a case
 * here, or test/integration/terminal.test.ts fails. They run one after another, in this order, on the same data: a development network of a few blocks.
 */
import { EXIT, type ExitCode } from '../../node-core/command/definition/exit-codes.ts'

export interface CommandCase {
  /** `{data}` is the base path, `{out}` a folder for files. */
  readonly line: string
  readonly shows: RegExp
  /** The exit code; 0 where it is left out. */
  readonly code?: ExitCode
  /** Standard output is a document of its own: of JSON where that is said, and as wide as it is. */
  readonly document?: 'json' | 'text'
  /** Draws a bar over itself. */
  readonly bar?: true
}

/** A command for a running node where none runs: what it says then. What it says to one is shown in tests of its own. */
const toNobody = (line: string): CommandCase => ({ line: `${line} --base-path {out}/nobody`, shows: /no node/i, code: EXIT.notRunning })

const ON_DATA = '--dev --base-path {data}'

export const COMMAND_CASES: Readonly<Record<string, CommandCase>> = {
  run: { line: 'run --print-config --dev', shows: /dev = true {2}# command line/ },
  status: toNobody('status'),
  networks: toNobody('networks'),
  peers: toNobody('peers'),
  logs: toNobody('logs'),
  metrics: toNobody('metrics'),
  start: toNobody('start'),
  stop: toNobody('stop'),
  restart: toNobody('restart'),
  call: toNobody('call system_health'),
  'tx submit': toNobody('tx submit 0x00'),
  'tx watch': toNobody(`tx watch 0x${'00'.repeat(32)}`),
  'tx parse': toNobody('tx parse 0x00'),
  'tx fee': toNobody('tx fee 0x00'),
  topics: toNobody('topics'),
  'topics tail': toNobody('topics tail weather/1'),
  'topics send': toNobody('topics send weather/1 rain'),
  share: toNobody('share {out}/passphrase'),
  fetch: toNobody(`fetch 0x${'00'.repeat(32)} {out}/fetched`),
  'support-bundle': toNobody('support-bundle {out}/bundle.tar.gz'),
  'build-spec': { line: 'build-spec --chain westend', shows: /"id": "westend2"/, document: 'json' },
  'key generate': { line: 'key generate', shows: /Secret phrase: +\w+/ },
  'key inspect': { line: 'key inspect //Alice', shows: /SS58 Address: +5GrwvaEF/ },
  'key insert': { line: `key insert ${ON_DATA} --key-type gran --suri //Alice --keystore-passphrase-file {out}/passphrase`, shows: /^0x88dc3417/m },
  'key list': { line: `key list ${ON_DATA}`, shows: /^gran ed25519 0x88dc3417/m },
  'key generate-node-key': { line: 'key generate-node-key --file {out}/node.key', shows: /12D3KooW/ },
  'key inspect-node-key': { line: 'key inspect-node-key --file {out}/node.key', shows: /12D3KooW/ },
  'export-blocks': { line: `export-blocks ${ON_DATA} --binary {out}/all.blocks`, shows: /12 blocks, 1 to 12, in/, bar: true },
  'import-blocks': { line: 'import-blocks --dev --base-path {out}/copy {out}/all.blocks', shows: /12 blocks imported, 0 were here/, bar: true },
  'check-block': { line: `check-block ${ON_DATA} 3`, shows: /Block 3 0x[0-9a-f]{64} comes out as its header says/ },
  'export-state': { line: `export-state ${ON_DATA} 3 {out}/state.json`, shows: /The state of block 3 0x[0-9a-f]{64}, \d+ entries, in/, bar: true },
  'import-state': { line: 'import-state --dev --base-path {out}/begun {out}/state.json', shows: /The chain stands on block 3 0x[0-9a-f]{64}/, bar: true },
  revert: { line: `revert ${ON_DATA} --yes 1`, shows: /taken? back/ },
  'purge-chain': { line: `purge-chain ${ON_DATA} --yes`, shows: /^Deleted /m },
  'token add': { line: 'token add watcher --base-path {data}', shows: /^[\w-]{43}$/m },
  'token list': { line: 'token list --base-path {data}', shows: /watcher/ },
  'token revoke': { line: 'token revoke watcher --base-path {data}', shows: /watcher/ },
  gateway: { line: 'gateway key add wallet --base-path {data}', shows: /^[\w-]{43}$/m },
  completion: { line: 'completion fish', shows: /complete -c nodestead/, document: 'text' },
  manual: { line: 'manual', shows: /\.TH NODESTEAD 1/, document: 'text' },
  help: { line: 'help', shows: /a full node of a Polkadot-family network/ },
}
