/** English, the language that the others are measured by. */
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
import { about } from './about.ts'
import { networks } from './networks.ts'
import { settings } from './settings.ts'
import { setup } from './setup.ts'
import { trouble } from './trouble.ts'
import { updates } from './updates.ts'

export const en = { about, chain, frame, keys, logs, metrics, networks, overview, peers, settings, setup, status, syncing, topics, trouble, updates }
