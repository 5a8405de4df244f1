/** Run as a process of its own: fetches a file from one peer, and says how much of it is written, as it grows, and `done` in the end. */
import { ResourceHost } from '../../helpers/resource-host.ts'

const [folder = '', path = '', root = '', peer = '', address = ''] = process.argv.slice(2)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const host = await ResourceHost.start(folder)
const download = host.fetch({ root: Buffer.from(root, 'hex'), path, peers: [{ peer, addresses: [address] }], flushMs: 50 })
const timer = setInterval(() => say(String(download.progress().hadBytes)), 10)
const outcome = await download.run()
clearInterval(timer)
await host.stop()
say(outcome.kind)
