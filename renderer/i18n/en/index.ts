/** English, the language that the others are measured by. */
import { frame } from './frame.ts'
import { logs } from './logs.ts'
import { overview } from './overview.ts'
import { status } from './status.ts'

export const en = { frame, logs, overview, status }
