/** Answers every message of the service `echo`. Arguments: the node's socket, and the program's token (scopes `channels:echo`). */
import { NetClient } from '../client.ts'

const [path = '', token = ''] = process.argv.slice(2)
const net = await NetClient.connect({ path, token, software: 'echo 1' })
await net.listen('echo', {
  onChannel: (channel) => void channel.onMessage((message) => channel.send(message)),
})
process.stdout.write(`/nodestead/echo/p2p/${net.peerId}\n`)
