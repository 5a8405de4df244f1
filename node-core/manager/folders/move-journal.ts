/**
 * What a move has done so far, one JSON line per step, appended and synced: a process that is killed leaves at worst half a
 * line behind, which is ignored.
 */
import { open, readFile, rm, type FileHandle } from 'node:fs/promises'
import { z } from 'zod'

const stepSchema = z.discriminatedUnion('step', [
  z.object({ step: z.literal('begin'), network: z.string(), from: z.string(), to: z.string(), paths: z.array(z.string()) }),
  /** A file that was copied and read back; size and time are the original's. */
  z.object({ step: z.literal('copied'), path: z.string(), size: z.number(), mtimeMs: z.number(), sha256: z.string() }),
  /** The new folder is complete: from here on the move only goes forward. */
  z.object({ step: z.literal('complete') }),
])

export type MoveStep = z.infer<typeof stepSchema>
export type MoveBegin = Extract<MoveStep, { step: 'begin' }>
export type CopiedFile = Extract<MoveStep, { step: 'copied' }>

export interface MoveRecord {
  readonly begin: MoveBegin
  readonly copied: ReadonlyMap<string, CopiedFile>
  readonly complete: boolean
}

/** Undefined where there is none, or nothing of it can be read. */
export async function readJournal(path: string): Promise<MoveRecord | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '')
  let begin: MoveBegin | undefined
  let complete = false
  const copied = new Map<string, CopiedFile>()
  for (const line of text.split('\n')) {
    const step = parseStep(line)
    if (step === undefined) continue
    if (step.step === 'begin') begin = step
    else if (step.step === 'copied') copied.set(step.path, step)
    else complete = true
  }
  return begin === undefined ? undefined : { begin, copied, complete }
}

function parseStep(line: string): MoveStep | undefined {
  try {
    return stepSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

export class MoveJournal {
  readonly #path: string
  readonly #file: FileHandle

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  static async open(path: string): Promise<MoveJournal> {
    const file = await open(path, 'a', 0o600)
    // Behind half a line of a process that was killed, the next step still begins on its own.
    await file.write('\n')
    return new MoveJournal(path, file)
  }

  async append(step: MoveStep): Promise<void> {
    await this.#file.write(`${JSON.stringify(step)}\n`)
    await this.#file.sync()
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async remove(): Promise<void> {
    await this.#file.close()
    await rm(this.#path, { force: true })
  }
}
