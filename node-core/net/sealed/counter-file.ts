/** The rows of {@link Counters} in `counters.json`. One that cannot be read stops the sending: numbers that are given twice would be lost messages. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from '../../base/whole-file.ts'
import type { CounterState } from './counters.ts'
import { SealedError } from './errors.ts'

const FILE = 'counters.json'
const whole = z.number().int().min(0)
const schema = z.object({ version: z.literal(1), floor: whole, rows: z.array(z.object({ recipient: z.string().max(64), next: whole })).max(65_536) })

/** Undefined where there is none yet. Rejects with a SealedError NET_SEALED_STORAGE. */
export async function loadCounters(folder: string): Promise<CounterState | undefined> {
  try {
    return schema.parse(JSON.parse(await readFile(join(folder, FILE), 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new SealedError('NET_SEALED_STORAGE', `The numbers of the sealed messages that were sent, ${join(folder, FILE)}, cannot be read: ${(cause as Error).message}.`, {
      cause,
      hint: 'Restore the file, or remove it: numbers then begin at the time of the clock, above those that were used.',
    })
  }
}

/** Rejects with a SealedError NET_SEALED_STORAGE. */
export async function saveCounters(folder: string, state: CounterState): Promise<void> {
  await writeWhole(folder, FILE, JSON.stringify({ version: 1, ...state })).catch((cause: unknown) => {
    throw new SealedError('NET_SEALED_STORAGE', `No sealed message can be sent: ${join(folder, FILE)} cannot be written: ${(cause as Error).message}.`, { cause, hint: 'See that the data folder can be written and the disk has room.' })
  })
}
