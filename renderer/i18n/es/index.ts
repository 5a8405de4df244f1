/** Spanish. */
import type { Messages } from '../language.ts'
import { frame } from './frame.ts'
import { logs } from './logs.ts'
import { overview } from './overview.ts'
import { status } from './status.ts'

export const es: Messages = { frame, logs, overview, status }
