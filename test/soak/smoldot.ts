/** `npm run soak`: smoldot over TCP and WebSocket, 30 minutes (or `-- --minutes N`); ends with 1 where it was ever lost. */
import { parseArgs } from 'node:util'
import { watchConnections } from '../helpers/steady-connection.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '30' } } })
const minutes = Number(values.minutes)
if (!(minutes > 0)) throw new RangeError(`--minutes takes a number of minutes, not "${values.minutes}"`)

const results = await watchConnections(minutes * 60_000, ['tcp', 'ws'], (line) => process.stdout.write(`${line}\n`))
let isSteady = true
for (const { transport, verified, authored, complaints, closed, bans } of results) {
  // The last block may still be on its way.
  const ok = complaints.length === 0 && closed === 0 && bans === 0 && verified >= authored - 1
  isSteady &&= ok
  process.stdout.write(`${ok ? 'steady' : 'LOST'} over ${transport}: ${minutes} minutes, ${verified} of ${authored} blocks, ${closed} topics closed, ${bans} bans\n`)
  for (const complaint of complaints) process.stdout.write(`  ${complaint.slice(0, 200)}\n`)
}
process.exitCode = isSteady ? 0 : 1
