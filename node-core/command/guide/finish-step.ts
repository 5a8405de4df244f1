/** What was chosen, the command line that says the same, and whether a file is to say it. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { NodeFlagValues } from '../flags.ts'
import { lineOf, type Answers } from './answers.ts'
import { pathOf } from './network-step.ts'
import { BACK, type Back, type Questions } from './questions.ts'

const FILE_NAME = 'nodestead.toml'

/** The path of the configuration file; undefined where none is wanted. */
export async function finishStep(questions: Questions, answers: Answers, { values, invocation }: { readonly values: NodeFlagValues; readonly invocation: string }): Promise<{ readonly config: string | undefined } | Back> {
  for (;;) {
    questions.title('Ready')
    questions.rows(rowsOf(answers))
    questions.terminal.note(`\nThe same without this guide:\n  ${lineOf(invocation, values)}`)
    const isSaved = await questions.choose('Start', [
      { label: 'Start the node', value: false },
      { label: 'Save these choices and start', detail: 'as a file for --config', value: true },
    ])
    if (isSaved === BACK) return BACK
    if (!isSaved) return { config: undefined }
    const path = await questions.line('Configuration file', resolve(FILE_NAME), (text) => {
      const chosen = pathOf(text)
      return existsSync(chosen) ? { problem: `${chosen} is there already: name another file.` } : { value: chosen }
    })
    if (path !== BACK) return { config: path }
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
