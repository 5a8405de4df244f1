/** German. */
import type { Messages } from '../language.ts'
import { frame } from './frame.ts'
import { logs } from './logs.ts'
import { overview } from './overview.ts'
import { status } from './status.ts'

export const de: Messages = { frame, logs, overview, status }
