/** Moves a folder in a process of its own, which the test kills in the middle: `node mover-process.ts <from> <to> <journal>`. */
import { moveFolder } from '../../../node-core/manager/folders/folder-move.ts'

const [from = '', to = '', journalPath = ''] = process.argv.slice(2)
await moveFolder({
  network: 'dev',
  from,
  to,
  paths: ['chains/dev'],
  journalPath,
  signal: new AbortController().signal,
  takeBack: () => true,
  onProgress: ({ filesDone }) => process.stdout.write(`${filesDone}\n`),
  onComplete: async () => undefined,
})
