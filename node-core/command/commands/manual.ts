/** `manual`: the manual page nodestead(1). Packages bring it; this prints it for others. */
import { VERSION } from '../../base/version.ts'
import { defineCommand } from '../definition/command.ts'

export const manual = defineCommand({
  name: 'manual',
  summary: 'print the manual, as a page for man',
  part: 'program',
  flags: {},
  examples: [['manual > nodestead.1', 'The page, to be read by man ./nodestead.1.']],
  run: async ({ commands, terminal }) => {
    const { manPage } = await import('../manual/man-page.ts')
    const page = manPage('nodestead', VERSION, commands)
    terminal.result({ page }, page)
    return undefined
  },
})
