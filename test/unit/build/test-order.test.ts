/** That the files which are known to take long are there, and are taken first. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { longestFirst, LONG_FILES } from '../../../build/test-order.ts'

const ROOT = join(import.meta.dirname, '../../..')

it('every file of the list is there', () => {
  expect(LONG_FILES.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
})

it('the longest are taken first, and the others in their order', () => {
  const files = ['/x/test/unit/b.test.ts', '/x/test/integration/cli.test.ts', 'C:\\x\\test\\unit\\a.test.ts', 'C:\\x\\test\\interop\\service-clients.test.ts']
  expect(longestFirst(files.map((moduleId) => ({ moduleId }))).map(({ moduleId }) => moduleId)).toEqual([files[3], files[1], files[0], files[2]])
})
