/** `gateway key add | list | revoke`: keys of clients. A running gateway knows of it within a second. */
import { systemClock } from '../../base/clock.ts'
import { Keys, type KeyInfo } from '../../gateway/access/keys.ts'
import { KeysFile } from '../../gateway/access/keys-file.ts'
import { invalid } from '../definition/errors.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { keysFileOf, rateOf, type GatewayValues } from './gateway-options.ts'

/** Throws OPTIONS_INVALID, and as {@link Keys} does. */
export async function keyCommand(words: readonly string[], values: GatewayValues, terminal: Terminal): Promise<undefined> {
  const [group, action, name, ...more] = words
  const takesName = action === 'add' || action === 'revoke'
  if (group !== 'key' || (!takesName && action !== 'list') || more.length > 0 || takesName !== (name !== undefined)) {
    throw invalid(`"gateway ${words.join(' ')}" is not a command; there are gateway key add <name>, gateway key list, gateway key revoke <name>.`)
  }
  const keys = new Keys(new KeysFile(keysFileOf(values)), systemClock)
  if (action === 'list') return list(keys, terminal)
  if (action === 'revoke') {
    await keys.revoke(name as string)
    terminal.result({ revoked: name }, `The key ${name as string} is revoked.`)
    return undefined
  }
  const { info, key } = await keys.add(name as string, { perMinute: rateOf('per-minute', values['per-minute']), perDay: rateOf('per-day', values['per-day']) })
  terminal.note('This is the key. It is shown this once, and kept nowhere.')
  terminal.result({ ...shown(info), key }, key)
  return undefined
}

async function list(keys: Keys, terminal: Terminal): Promise<undefined> {
  const all = await keys.list()
  terminal.result(all.map(shown), all.length === 0 ? 'There is no key.' : all.map((info) => `${info.name.padEnd(24)}  ${limitsText(info)}, since ${new Date(info.created).toISOString().slice(0, 10)}`).join('\n'))
  return undefined
}

function shown({ name, created, perMinute, perDay }: KeyInfo): Readonly<Record<string, unknown>> {
  return { name, created: new Date(created).toISOString(), perMinute: perMinute ?? null, perDay: perDay ?? null }
}

function limitsText({ perMinute, perDay }: KeyInfo): string {
  return `${perMinute === undefined ? 'no rate of its own' : `${perMinute} a minute`}, ${perDay === undefined ? 'no quota' : `${perDay} a day`}`
}
