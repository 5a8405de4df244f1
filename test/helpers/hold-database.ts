/** Run as a process of its own: opens the database in the folder given as a node does, says so, and waits to be killed. */
import { systemClock } from '../../node-core/base/clock.ts'
import { Database } from '../../node-core/chain/state/database.ts'

const [dataPath] = process.argv.slice(2)
await new Database(dataPath as string, systemClock).open()
process.stdout.write('open\n')
setInterval(() => undefined, 60_000)
