/** `run`, the default: the node, in the foreground. */
import { defineCommand } from '../definition/command.ts'
import { NODE_FLAGS } from '../flags.ts'

export const run = defineCommand({
  name: 'run',
  summary: 'run the node; the default',
  flags: NODE_FLAGS,
  examples: [
    ['--chain westend --dashboard', 'A node of Westend, with its dashboard in a browser.'],
    ['--dev --dashboard', 'A development network that is kept nowhere.'],
  ],
  run: async ({ values, installation, terminal }) => {
    const [{ logOf, nodeChoices }, { makeTemporaryPath, runNode }] = await Promise.all([import('../node-options.ts'), import('../running-node.ts')])
    await runNode(nodeChoices(values, makeTemporaryPath), { log: logOf(values.log), json: terminal.json }, installation)
    return undefined
  },
})
