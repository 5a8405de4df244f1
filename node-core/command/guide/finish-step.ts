/** What was chosen, the command line that says the same, and whether a file is to say it. */
import { existsSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { NodeFlagValues } from '../flags.ts'
import { savedPath } from '../reading/saved-file.ts'
import { lineOf, type Answers } from './answers.ts'
import { pathOf } from './network-step.ts'
import { BACK, type Back, type Questions } from './questions.ts'

export interface Finish {
  /** The configuration file that is to be written; undefined where none is wanted. */
  readonly config: { readonly path: string; readonly isRemembered: boolean } | undefined
}

interface Told {
  readonly values: NodeFlagValues
  readonly invocation: string
  readonly defaultFolder: string
}

/** Choices are remembered in the default folder, where a start without flags looks, wherever the data are. */
export async function finishStep(questions: Questions, answers: Answers, { values, invocation, defaultFolder }: Told): Promise<Finish | Back> {
  const remembered = savedPath(defaultFolder)
  for (;;) {
    questions.title('Ready')
    questions.rows(rowsOf(answers))
    questions.terminal.note(`\nThe same without this guide:\n  ${lineOf(invocation, values)}`)
    const how = await questions.choose<'remember' | 'once' | 'file'>('Start', [
      ...(existsSync(remembered) ? [] : [{ label: 'Start, and remember these choices', detail: `${invocation} alone starts the same`, value: 'remember' as const }]),
      { label: 'Start this once', value: 'once' },
      { label: 'Start, and save them elsewhere', detail: 'as a file for --config', value: 'file' },
    ])
    if (how === BACK) return BACK
    if (how === 'once') return { config: undefined }
    if (how === 'remember') return { config: { path: remembered, isRemembered: true } }
    const path = await questions.line('Configuration file', resolve(basename(remembered)), (text) => {
      const chosen = pathOf(text)
      return existsSync(chosen) ? { problem: `${chosen} is there already: name another file.` } : { value: chosen }
    })
    if (path !== BACK) return { config: { path, isRemembered: false } }
  }
}

function rowsOf({ network, folder, isAuthority, keys, passphrase, ports, dashboard }: Answers): readonly (readonly [string, string])[] {
  return [
    ['Network', network.name],
    ['Data', folder ?? 'kept nowhere'],
    ['Role', isAuthority ? `authority, ${network.isDev ? 'with the keys of Alice' : keyText(keys)}` : 'full node'],
    ...(passphrase === undefined ? [] : [['Passphrase', passphrase.file === undefined ? 'typed after each start' : `in ${passphrase.file.path}${passphrase.file.isNew ? ', a new file' : ''}`] as const]),
    ['Peers', `ports ${ports.peers} and ${ports.peers + 1}`],
    ['JSON-RPC', `port ${ports.rpc}`],
    ['Dashboard', dashboard === undefined ? 'none' : `port ${dashboard}`],
  ]
}

function keyText(keys: Answers['keys']): string {
  switch (keys?.from) {
    case 'account':
      return `with the keys of ${keys.account === 'alice' ? 'Alice' : 'Bob'}`
    case 'phrase':
      return keys.isNew ? 'with new keys' : 'with the keys of your phrase'
    case 'folder':
      return 'with the keys of the folder'
    case 'later':
    case undefined:
      return 'as soon as it has keys'
  }
}
