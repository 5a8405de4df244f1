/** Says something to a service of a peer and prints the answer. Arguments: the node's socket, the program's token (scopes `channels`), the address, and what to say. */
import { NetClient } from '../client.ts'

const [path = '', token = '', address = '', words = ''] = process.argv.slice(2)
const net = await NetClient.connect({ path, token, software: 'say 1' })
const channel = await net.dial(address)
await channel.send(Buffer.from(words))
for await (const answer of channel) {
  process.stdout.write(`${Buffer.from(answer).toString()}\n`)
  break
}
await channel.close()
await net.close()
