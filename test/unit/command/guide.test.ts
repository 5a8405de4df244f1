/** The guide of a first start, as a person walks through it. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../node-core/base/clock.ts'
import { silentLogger } from '../../../node-core/base/logger.ts'
import { COMMANDS } from '../../../node-core/command/commands/table.ts'
import { RIVALS } from '../../../node-core/command/flags.ts'
import { lineOf } from '../../../node-core/command/guide/answers.ts'
import { runGuide } from '../../../node-core/command/guide/guide.ts'
import { wantsGuide } from '../../../node-core/command/guide/wanted.ts'
import { nodeChoices } from '../../../node-core/command/node-options.ts'
import { readCommandLine } from '../../../node-core/command/reading/command-line.ts'
import { NetworkKeys } from '../../../node-core/keystore/network-keys.ts'
import { CTRL_C, CTRL_D, ENTER, FakeTerminal, type Answer } from '../../helpers/fake-terminal.ts'

const installation = { invocation: 'nodestead', folder: join(import.meta.dirname, '../../../out'), workerUrls: undefined }
const LOCAL_FILE = join(installation.folder, 'chains', 'local.json')
const PHRASE = 'bottom drive obey lake curtain smoke basket hold race lonely fit walk'

let parent: string
/** Is not there at first. */
let folder: string
let count = 0
beforeAll(() => {
  parent = mkdtempSync(join(tmpdir(), 'nodestead-guide-'))
})
beforeEach(() => {
  folder = join(parent, String(count++), 'data')
})
afterAll(() => rmSync(parent, { recursive: true, force: true }))

const start = (fake: FakeTerminal) => runGuide(fake.terminal, installation, { defaultFolder: folder, cost: { n: 2, r: 1, p: 1 } })
/** Without the ports, which depend on what else runs here. */
const plain = ({ port: _, 'rpc-port': __, 'dashboard-port': ___, ...values }: Record<string, unknown>) => values
const line = (text: string): string => `${text}${ENTER}`

const LOCAL: Answer = [/Choose 1 to 7:/, line('2')]
const FOLDER: Answer = [/Folder:/, ENTER]
const AUTHORITY: Answer = [/Role.*Choose 1 to 2:/, line('2')]
const PEERS: Answer = [/Port for peers:/, ENTER]
const RPC: Answer = [/Port of JSON-RPC:/, ENTER]
const DASHBOARD: Answer = [/Dashboard in a browser/, line('no')]
const START: Answer = [/Ready.*Choose 1 to 3:/, line('2')]
const NEW_KEYS: Answer = [/Keys.*Choose 1 to 5:/, line('3')]

/** Shown, and told word by word. */
function newPhrase(change = (word: string) => word): Answer[] {
  const words = new Map<string, string>()
  const tell = (found: RegExpExecArray): string => line(change(words.get(found[1] ?? '') ?? ''))
  return [
    [/never again\.(.*)Write it on paper.*written it down/, ([, shown = '']) => {
      for (const [, place = '', word = ''] of shown.matchAll(/(\d+) ([a-z]+)/g)) words.set(place, word)
      return ENTER
    }],
    [/Word (\d+):/, tell],
    [/Word (\d+):/, tell],
    [/Word (\d+):/, tell],
  ]
}

describe('the guide', () => {
  it('is done with Enter until the last question: a full node of Polkadot, and nothing is written', async () => {
    const fake = new FakeTerminal().answer([/Choose 1 to 7:/, ENTER], FOLDER, PEERS, RPC, [/Dashboard in a browser/, ENTER], START)
    const { values, passphrase } = await start(fake)
    expect(plain(values)).toEqual({ chain: 'polkadot', dashboard: true })
    expect(passphrase).toBeUndefined()
    expect(existsSync(folder)).toBe(false)
    expect(fake.scrollback).toMatch(/Polkadot +1.5 GB to download, \d+ to \d+ minutes; 5.5 GB of disk/)
    expect(fake.scrollback).toMatch(/[\d.]+ [GT]B are free; Polkadot\s+needs about 5.5 GB/)
    expect(fake.scrollback).toMatch(/The same without this guide:\n {2}nodestead --chain polkadot.* --dashboard/)
    for (const shown of fake.scrollback.split('\n').filter((row) => !row.includes('nodestead ') && !row.includes(parent))) expect(shown.length, shown).toBeLessThan(80)
  })

  it('remembers by Enter alone what was chosen: the program without flags starts the same, and is led no more', async () => {
    const elsewhere = join(parent, `${count}-data`)
    const fake = new FakeTerminal().answer([/Choose 1 to 7:/, line('4')], [/Folder:/, line(elsewhere)], PEERS, RPC, DASHBOARD, [/Ready.*nodestead alone starts the same.*Choose 1 to 3:/, ENTER])
    const { values } = await start(fake)
    const saved = join(folder, 'nodestead.toml')
    expect(fake.scrollback).toMatch(/From now on: nodestead\n/)
    expect(readFileSync(saved, 'utf8')).toMatch(/^# nodestead\n/)
    if (process.platform !== 'win32') expect(statSync(saved).mode & 0o777).toBe(0o600)
    const read = (argv: string[]) => readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: {}, defaultFolder: folder })
    expect([read([]).values, read([]).saved]).toEqual([values, saved])
    expect(values).toMatchObject({ 'base-path': elsewhere })
    expect(wantsGuide(fake.terminal, new Set(read([]).origins.keys()), folder)).toBe(false)
    // Another guide, as after a file that says nothing, does not write over it.
    const next = new FakeTerminal().answer([/Choose 1 to 7:/, line('4')], FOLDER, PEERS, RPC, DASHBOARD, [/Ready.*Choose 1 to 2:/, CTRL_C])
    await expect(start(next)).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })

  it('makes a development network that is kept nowhere', async () => {
    const fake = new FakeTerminal().answer([/Choose 1 to 7:/, line('Local development')], [/Data.*Choose 1 to 2:/, ENTER], PEERS, RPC, DASHBOARD, START)
    const { values } = await start(fake)
    expect(plain(values)).toEqual({ dev: true })
    expect(nodeChoices(values, () => '/temporary')).toMatchObject({ temporary: true, options: { account: 'alice', chain: 'dev' } })
  })

  it('makes new keys, whose phrase is shown once and asked back, and writes a file that says the same', async () => {
    const [config, secret] = [join(parent, `${count}.toml`), join(folder, 'keystore-passphrase')]
    const fake = new FakeTerminal().answer(
      ...[LOCAL, FOLDER, AUTHORITY, NEW_KEYS, ...newPhrase()],
      ...([[/Passphrase.*Choose 1 to 2:/, ENTER], [/File:/, ENTER]] as const), ...[PEERS, RPC, DASHBOARD],
      ...([[/Ready.*Choose 1 to 3:/, line('3')], [/Configuration file:/, line(config)]] as const),
    )
    const { values } = await start(fake)
    expect(plain(values)).toEqual({ chain: 'local', 'base-path': undefined, validator: true, 'keystore-passphrase-file': secret })
    // What is written reads as what was chosen; so does the line that was shown.
    const read = (argv: string[]) => readCommandLine(argv, { commands: COMMANDS, rivals: RIVALS, env: {} }).values
    const { config: _, ...told } = read(['--config', config])
    expect(told).toEqual(values)
    const shown = /without this guide:\n {2}nodestead (.*)/.exec(fake.scrollback)?.[1] ?? ''
    expect(read(shown.trim().split(' '))).toEqual(values)
    // Keys that the file of the passphrase opens.
    const dataPath = join(folder, 'chains', 'nodestead_local')
    const keys = new NetworkKeys({ dataPath, logger: silentLogger, clock: systemClock }, { passphraseFile: secret })
    await keys.open()
    expect(keys.keystore.entries().map(({ keyType, usable }) => [keyType, usable])).toEqual([['gran', true], ['babe', true]])
    for (const { publicKey } of keys.keystore.entries()) expect(fake.scrollback).toContain(publicKey)
    await keys.keystore.lock()
    if (process.platform !== 'win32') {
      for (const path of [secret, config, ...readdirSync(join(dataPath, 'keystore')).map((name) => join(dataPath, 'keystore', name))]) expect(statSync(path).mode & 0o777, path).toBe(0o600)
    }
    // Neither the phrase nor the words that were told stay on the terminal.
    expect(fake.screen).toContain('The phrase of the new keys')
    expect(fake.scrollback).not.toMatch(/The phrase of the new keys|Word \d/)
    expect(fake.scrollback).not.toContain(readFileSync(secret, 'utf8').trim())
  })

  it('shows the phrase again where the words are not those', async () => {
    const fake = new FakeTerminal().answer(LOCAL, FOLDER, AUTHORITY, NEW_KEYS, ...newPhrase((word) => `${word}x`), ...newPhrase(), [/Passphrase.*Choose 1 to 2:/, CTRL_C])
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(fake.screen).toContain('These are not the words at those places.')
    const phrases = [...fake.screen.matchAll(/never again\.(.*?)Write it/gs)].map(([, shown]) => shown)
    expect(new Set(phrases).size).toBe(1)
    expect(phrases).toHaveLength(2)
  })

  it('takes keys of a phrase and a passphrase that is typed, and shows neither', async () => {
    const fake = new FakeTerminal().answer(
      // The local network by its file: what its runtime says of it is what is known of the one that ships.
      ...([[/Choose 1 to 7:/, line('7')], [/File or invitation:/, line(LOCAL_FILE)]] as const), ...[FOLDER, AUTHORITY],
      ...([[/Keys.*Choose 1 to 5:/, line('4')], [/Phrase or secret URI:/, line('one two three')], [/Phrase or secret URI:/, line(PHRASE)]] as const),
      ...([[/Passphrase.*Choose 1 to 2:/, line('2')], [/New passphrase/, line('short')], [/New passphrase/, line('four unrelated words')], [/Once more/, line('other')], [/Once more/, line('four unrelated words')]] as const),
      ...[PEERS, RPC, DASHBOARD, START],
    )
    const { values, passphrase } = await start(fake)
    expect(plain(values)).toEqual({ chain: LOCAL_FILE, validator: true })
    expect(passphrase).toBe('four unrelated words')
    for (const secret of [...PHRASE.split(' ').filter((word) => word.length > 5), 'four unrelated words', 'one two']) expect(fake.screen).not.toContain(secret)
    // The next guide on that folder finds the keys, and asks for their passphrase.
    const next = new FakeTerminal().answer(LOCAL, FOLDER, AUTHORITY, [/Those of the folder +its keystore has 2 keys.*Choose 1 to 5:/, line('3')], [/Passphrase.*Choose 1 to 2:/, line('2')], [/Passphrase:/, line('a wrong passphrase')], [/This is not the passphrase.*Passphrase:/, CTRL_D])
    await expect(start(next)).rejects.toMatchObject({ code: 'DECLINED' })
    expect(next.unasked).toEqual([])
  })

  it('takes the account of Alice, and goes on in a folder of its own', async () => {
    const other = join(parent, 'with space')
    const fake = new FakeTerminal().answer(LOCAL, [/Folder:/, line(other)], AUTHORITY, [/Keys.*Choose 1 to 5:/, line('alice')], PEERS, RPC, DASHBOARD, START)
    const { values } = await start(fake)
    expect(plain(values)).toEqual({ chain: 'local', 'base-path': other, alice: true })
    expect(existsSync(other)).toBe(false)
  })

  it('says what is wrong with a file, a folder, a port or a choice, and asks again', async () => {
    const file = join(parent, 'a-file')
    writeFileSync(file, 'no network')
    const fake = new FakeTerminal().answer(
      ...([[/Choose 1 to 7:/, line('9')], [/There is no choice "9".*Choose 1 to 7:/, line('7')], [/File or invitation:/, line(join(parent, 'none'))], [/cannot be read.*File or invitation:/, line(file)], [/is not a network file.*File or invitation:/, line('b')], [/Choose 1 to 7:/, line('5')]] as const),
      ...([[/Folder:/, line(file)], [/That is a file: name a folder\..*Folder:/, ENTER]] as const),
      ...([[/Port for peers:/, line('65535')], [/from 1 to 65534\..*Port for peers:/, line('x')], [/Port for peers:/, line('40333')], [/Port of JSON-RPC:/, line('40334')], [/Port 40334 is chosen for peers already\..*Port of JSON-RPC:/, CTRL_C]] as const),
    )
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(fake.unasked).toEqual([])
  })

  it('goes back from every question to the one before', async () => {
    const back = line('b')
    const fake = new FakeTerminal().answer(
      ...[LOCAL, FOLDER, AUTHORITY],
      ...([[/Keys.*Choose 1 to 5:/, line('3')], [/never again.*written it down/, back], [/Keys.*Choose 1 to 5:/, line('5')]] as const),
      ...[PEERS, RPC, DASHBOARD],
      ...([[/Ready.*Choose 1 to 3:/, back], [/Port for peers:/, back], [/Keys.*Choose 1 to 5:/, back], [/Role.*Choose 1 to 2:/, back], [/Folder:/, back], [/Network.*Choose 1 to 7:/, back], [/Network.*Choose 1 to 7:/, line('6')]] as const),
      // A live relay chain has no role to choose.
      ...([FOLDER, [/cannot be a validator.*Port for peers:/, back], [/Folder:/, CTRL_C]] as const),
    )
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(fake.unasked).toEqual([])
  })

  it('shows no phrase where the terminal cannot take it away again', async () => {
    const fake = new FakeTerminal({ env: { TERM: 'dumb' } }).answer(LOCAL, FOLDER, AUTHORITY, [/Keys(.*)Choose 1 to 4:/, CTRL_C])
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(fake.screen).not.toContain('New keys')
  })
})

describe('whoever leaves leaves nothing', () => {
  const way: readonly Answer[] = [LOCAL, FOLDER, AUTHORITY, NEW_KEYS, ...newPhrase(), [/Passphrase.*Choose 1 to 2:/, line('2')], [/New passphrase/, line('four unrelated words')], [/Once more/, line('four unrelated words')], PEERS, RPC, DASHBOARD, START]
  it.each(way.map(([question], at) => [question.source, at] as const))('at %s', async (_, at) => {
    const fake = new FakeTerminal().answer(...way.slice(0, at), [way[at]?.[0] as RegExp, CTRL_C])
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    expect(fake.unasked).toEqual([])
    expect([fake.isRaw, existsSync(join(folder, '..'))]).toEqual([false, false])
    // The terminal's own screen is back.
    expect(fake.screen.lastIndexOf('\x1b[?1049l')).toBeGreaterThanOrEqual(fake.screen.lastIndexOf('\x1b[?1049h'))
  })

  it('at the last answer, while keys are written', async () => {
    const fake = new FakeTerminal().answer(...way)
    const heard: boolean[] = []
    const interrupt = (event: string | symbol): void => {
      if (event === 'SIGINT') setImmediate(() => heard.push(process.emit('SIGINT', 'SIGINT')))
    }
    process.on('newListener', interrupt)
    await expect(start(fake)).rejects.toMatchObject({ code: 'INTERRUPTED' })
    process.off('newListener', interrupt)
    expect(heard).toEqual([true])
    expect(existsSync(join(folder, '..'))).toBe(false)
  })

  it('where the last file cannot be written', async () => {
    const file = join(parent, 'in-the-way')
    writeFileSync(file, '')
    const fake = new FakeTerminal().answer(...way.slice(0, -1), [/Ready.*Choose 1 to 3:/, line('3')], [/Configuration file:/, line(join(file, 'x.toml'))])
    await expect(start(fake)).rejects.toThrow(/in-the-way/)
    expect(existsSync(join(folder, '..'))).toBe(false)
  })
})

describe('it is offered', () => {
  const terminal = new FakeTerminal().terminal
  it('to a person who has said nothing, in a folder without a network', () => {
    expect(wantsGuide(terminal, new Set(), folder)).toBe(true)
    expect(wantsGuide(terminal, new Set(['no-guide']), folder)).toBe(false)
    expect(wantsGuide(terminal, new Set(['chain']), folder)).toBe(false)
    expect(wantsGuide(new FakeTerminal({ piped: true }).terminal, new Set(), folder)).toBe(false)
    mkdirSync(join(folder, 'chains', 'polkadot'), { recursive: true })
    expect(wantsGuide(terminal, new Set(), folder)).toBe(false)
  })

  it('with a line that a shell reads', () => {
    expect(lineOf('nodestead', { chain: "it's", 'base-path': '/a b', validator: true }, 'linux')).toBe(`nodestead --chain 'it'\\''s' --base-path '/a b' --validator`)
    expect(lineOf('nodestead', { 'base-path': 'C:\\a b' }, 'win32')).toBe('nodestead --base-path "C:\\a b"')
  })
})
