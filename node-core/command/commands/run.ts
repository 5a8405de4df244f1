/** `run`, the default: the node, in the foreground. */
import { defineCommand } from '../definition/command.ts'
import { NODE_FLAGS } from '../flags.ts'

export const run = defineCommand({
  name: 'run',
  summary: 'run the node; the default',
  part: 'node',
  description: 'With nothing said on a terminal, a guide asks at the first start; what it saves in the base folder counts from then on.',
  flags: NODE_FLAGS,
  takesSaved: true,
  examples: [
    ['--chain westend --dashboard', 'A node of Westend, with its dashboard in a browser.'],
    ['--dev --dashboard', 'A development network that is kept nowhere.'],
  ],
  run: async ({ values: given, said, saved, installation, terminal }) => {
    const [{ defaultBasePath }, { logOf, nodeChoices }, { wantsGuide }] = await Promise.all([import('../base-path.ts'), import('../node-options.ts'), import('../guide/wanted.ts')])
    if (saved !== undefined) terminal.note(`Flags are taken from ${saved}; --no-config leaves it aside.`)
    const guided = wantsGuide(terminal, said, defaultBasePath()) ? await (await import('../guide/guide.ts')).runGuide(terminal, installation) : undefined
    const [{ makeTemporaryPath }, { runNode }] = await Promise.all([import('../temporary-folder.ts'), import('../running-node.ts')])
    await runNode(nodeChoices(guided?.values ?? given, makeTemporaryPath), { log: logOf(given.log), json: terminal.json, passphrase: guided?.passphrase }, installation)
    return undefined
  },
})
