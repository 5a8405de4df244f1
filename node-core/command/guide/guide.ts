/**
 * The guide of a first start: where a person starts the node on a terminal and nothing was said, it asks for the network, the folder, role
 * and keys, and ports. Until the last answer nothing is written; whoever leaves before leaves nothing.
 */
import type { ScryptCost } from '../../keystore/seal.ts'
import { defaultBasePath } from '../base-path.ts'
import type { Installation } from '../definition/command.ts'
import type { NodeFlagValues } from '../flags.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { flagsOf, lineOf, type Answers } from './answers.ts'
import { finishStep, type Finish } from './finish-step.ts'
import { folderStep } from './folder-step.ts'
import { keysStep } from './keys-step.ts'
import { networkStep } from './network-step.ts'
import { passphraseStep } from './passphrase-step.ts'
import { portsStep } from './ports-step.ts'
import { BACK, Questions, type Back } from './questions.ts'
import { writeAll } from './write.ts'

export interface Guided {
  readonly values: NodeFlagValues
  /** Unlocks the keys now, where no file does at each start. */
  readonly passphrase: string | undefined
}

interface Context {
  readonly questions: Questions
  readonly installation: Installation
  readonly defaultFolder: string
  /** Of a passphrase. */
  readonly cost?: ScryptCost | undefined
}

type Draft = Partial<Answers & Finish>
/** More is known afterwards. A step that has nothing to ask says so by asking nothing. */
type Step = (draft: Draft, context: Context) => Promise<Draft | Back>

const STEPS: readonly Step[] = [
  async (_, { questions, installation }) => {
    const network = await networkStep(questions, installation)
    return network === BACK ? BACK : { network }
  },
  async (draft, { questions, defaultFolder }) => {
    const place = await folderStep(questions, requireStep(draft, 'network'), defaultFolder)
    return place === BACK ? BACK : { ...draft, folder: place.path }
  },
  async (draft, { questions }) => {
    const network = requireStep(draft, 'network')
    if (network.isDev) return { ...draft, isAuthority: true }
    if (network.isRelay) {
      questions.say(`\nThe node follows ${network.name} as a full node; it cannot be a validator of a live relay chain.`)
      return { ...draft, isAuthority: false }
    }
    const isAuthority = await questions.choose('Role', [
      { label: 'Full node', detail: 'follows the chain, and serves it', value: false },
      { label: 'Authority', detail: 'authors blocks and votes as well', value: true },
    ])
    return isAuthority === BACK ? BACK : { ...draft, isAuthority }
  },
  async (draft, { questions, cost }) => {
    const network = requireStep(draft, 'network')
    if (network.isDev || draft.isAuthority !== true || draft.folder === undefined) return { ...draft, keys: undefined }
    const keys = await keysStep(questions, { network, folder: draft.folder, cost })
    return keys === BACK ? BACK : { ...draft, keys }
  },
  async (draft, { questions, cost }) => {
    if (draft.folder === undefined || (draft.keys?.from !== 'phrase' && draft.keys?.from !== 'folder')) return { ...draft, passphrase: undefined }
    const passphrase = await passphraseStep(questions, { network: requireStep(draft, 'network'), folder: draft.folder, cost })
    return passphrase === BACK ? BACK : { ...draft, passphrase }
  },
  async (draft, { questions }) => {
    const ports = await portsStep(questions)
    return ports === BACK ? BACK : { ...draft, ...ports }
  },
  async (draft, { questions, installation, defaultFolder }) => {
    const answers = draft as Answers
    const finish = await finishStep(questions, answers, { values: flagsOf(answers, defaultFolder), invocation: installation.invocation, defaultFolder })
    return finish === BACK ? BACK : { ...draft, config: finish.config }
  },
]

/** Throws INTERRUPTED, DECLINED, or what kept it from writing: nothing is left behind then. */
export async function runGuide(terminal: Terminal, installation: Installation, { defaultFolder = defaultBasePath(), cost }: Partial<Pick<Context, 'defaultFolder' | 'cost'>> = {}): Promise<Guided> {
  const questions = new Questions(terminal)
  questions.title('Nodestead')
  questions.say(`There is no network in ${defaultFolder} yet. A few questions, then the node starts. Enter takes what stands in brackets, b goes back, Ctrl-C leaves; nothing is written before the last answer. --no-guide starts without questions.`)
  const draft = await walk({ questions, installation, defaultFolder, cost })
  const answers = draft as Answers
  const values = flagsOf(answers, defaultFolder)
  const records = await writeAll(answers, draft.config === undefined ? undefined : { ...draft.config, values }, cost)
  if (records.length > 0) {
    questions.title('Public keys, to be registered for this authority')
    for (const { keyType, scheme, publicKey } of records) terminal.note(`${keyType} ${scheme.padEnd(7)} ${publicKey}`)
  }
  if (draft.config !== undefined) terminal.note(`\nFrom now on: ${fromNowOn(draft.config, installation.invocation)}`)
  terminal.note('')
  return { values, passphrase: answers.passphrase?.file === undefined ? answers.passphrase?.text : undefined }
}

function fromNowOn({ path, isRemembered }: NonNullable<Finish['config']>, invocation: string): string {
  return isRemembered ? `${invocation}\nThe choices are in ${path}; change them there.` : lineOf(invocation, { config: path } as NodeFlagValues)
}

/** Forward, and back to the last question; before the first there is none. */
async function walk(context: Context): Promise<Draft> {
  const visited: { readonly at: number; readonly draft: Draft }[] = []
  let draft: Draft = {}
  for (let at = 0; at < STEPS.length; ) {
    const asked = context.questions.asked
    const next = await (STEPS[at] as Step)(draft, context)
    if (next === BACK) {
      const last = visited.pop()
      ;({ at, draft } = last ?? { at: 0, draft: {} })
      continue
    }
    if (context.questions.asked > asked) visited.push({ at, draft })
    draft = next
    at++
  }
  return draft
}

function requireStep<Name extends keyof Answers>(draft: Draft, name: Name): Answers[Name] {
  return draft[name] as Answers[Name]
}
