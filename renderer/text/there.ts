/** What is done at the computer of a node from the command line, with the commands for this one. Pure. */
import type { m } from '../i18n/language.ts'

export type ThereId = keyof typeof m.browser.there.items

export interface DoneThere {
  readonly id: ThereId
  readonly command: string
}

/** In the order of the card. `flags` are what the node was started with, by their names; `platform` decides how a path is quoted. */
export function doneThere(flags: Readonly<Record<string, string>>, platform: string): readonly DoneThere[] {
  const word = (text: string): string => quoted(text, platform)
  const chain = flags['chain'] ?? 'dev'
  const folder = flags['base-path']
  const place = folder === undefined ? '' : ` --base-path ${word(folder)}`
  const other = chain === 'westend' ? 'kusama' : 'westend'
  return [
    { id: 'flags', command: 'nodestead help run all' },
    { id: 'network', command: `nodestead --chain ${other} --base-path ./${other} --dashboard --port 30334 --rpc-port 9945 --dashboard-port 9956` },
    { id: 'share', command: `nodestead build-spec --chain ${word(chain)} --raw > network.json` },
    ...(folder === undefined ? [] : [{ id: 'move' as const, command: folder }]),
    { id: 'purge', command: `nodestead purge-chain --chain ${word(chain)}${place}` },
    { id: 'notify', command: `nodestead logs --follow --level warn${place}` },
    { id: 'boot', command: 'sudo systemctl enable --now nodestead' },
    { id: 'update', command: 'npm install -g ./nodestead-<version>.tgz' },
    { id: 'stop', command: `nodestead stop${place}` },
  ]
}

/** One word of a command line, for the shell that is usual there. */
function quoted(text: string, platform: string): string {
  if (/^[\w./:@%+=,-]+$/.test(text)) return text
  return platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
