/** Spanish. */
import type { Messages } from '../language.ts'
import { chain } from './chain.ts'
import { frame } from './frame.ts'
import { keys } from './keys.ts'
import { logs } from './logs.ts'
import { metrics } from './metrics.ts'
import { overview } from './overview.ts'
import { peers } from './peers.ts'
import { status } from './status.ts'
import { syncing } from './syncing.ts'
import { topics } from './topics.ts'

export const es: Messages = { chain, frame, keys, logs, metrics, overview, peers, status, syncing, topics }
