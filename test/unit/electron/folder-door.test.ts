/** The door to the system's file manager: folders, and nothing that the system would run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { folderDoor } from '../../../electron/folder-door.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nodestead-folder-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

it('shows a folder, and neither a file nor what is not there', async () => {
  const opened: string[] = []
  const open = folderDoor(async (path) => (opened.push(path), ''))
  await open(folder)
  const program = join(folder, 'program')
  await writeFile(program, '#!/bin/sh\n', { mode: 0o700 })
  for (const path of [program, join(folder, 'missing')]) await expect(open(path)).rejects.toMatchObject({ code: 'FOLDER_NOT_OPENED', data: { path }, hint: expect.stringContaining('does not exist yet') as string })
  expect(opened).toEqual([folder])
})

it('says so where the system shows nothing', async () => {
  await expect(folderDoor(async () => 'no application is registered')(folder)).rejects.toMatchObject({ code: 'FOLDER_NOT_OPENED', hint: 'Open it with your file manager.' })
})
