/** `gateway`: the door to the internet in front of a running node, and the keys of its clients. */
import { defineCommand } from '../definition/command.ts'
import { GATEWAY_FLAGS } from '../gateway/flags.ts'

export const gateway = defineCommand({
  name: 'gateway',
  summary: 'open a running node to the internet',
  part: 'running',
  description: 'It serves methods that read and submit, from a list, to clients with a key. The words key add <name>, key list and key revoke <name> look after the keys.',
  words: [{ name: 'key', optional: true, several: true, help: 'key add <name>, key list, key revoke <name>' }],
  flags: GATEWAY_FLAGS,
  examples: [
    ['gateway key add my-wallet --per-minute 600 --per-day 100000', 'A key, which is shown once.'],
    ['gateway --gateway-listen 0.0.0.0 --tls-cert cert.pem --tls-key key.pem', 'The node on this computer, at port 8443.'],
  ],
  run: async ({ values, words, terminal }) => {
    if (words.length > 0) return (await import('../gateway/key-commands.ts')).keyCommand(words, values, terminal)
    await (await import('../gateway/run-gateway.ts')).runGateway(values, terminal)
    return undefined
  },
})
