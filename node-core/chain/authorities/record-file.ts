/** The validator's record in its data folder, `validator-record.json`: some hundred lines, written whole. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { writeWhole } from '../../base/whole-file.ts'
import { KEPT_DAYS, type RecordStore } from './validator-record.ts'

export const RECORD_FILE = 'validator-record.json'

const count = z.number().int().nonnegative()
const schema = z.object({
  version: z.literal(1),
  days: z.array(z.object({ day: z.iso.date(), blocks: count, missed: count, votes: count })).max(KEPT_DAYS),
})

/** `read` throws where the file is there and is none of these. */
export function recordFile(folder: string): RecordStore {
  return {
    async read() {
      const text = await readFile(join(folder, RECORD_FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      return text === undefined ? [] : schema.parse(JSON.parse(text)).days
    },
    write: (days) => writeWhole(folder, RECORD_FILE, JSON.stringify({ version: 1, days })),
  }
}
