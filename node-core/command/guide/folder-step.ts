/** Where data are kept, and whether there is room. */
import { existsSync } from 'node:fs'
import { chainDataPath } from '../../chain/spec/load.ts'
import { checkFolder, type FolderProblem } from '../../manager/folders/data-folder.ts'
import { sizeText, type ChosenNetwork } from './answers.ts'
import { pathOf } from './network-step.ts'
import { BACK, type Back, type Checked, type Questions } from './questions.ts'

/** `not-empty` is none here: one folder holds the data of several networks. */
const PROBLEMS: Readonly<Partial<Record<FolderProblem, string>>> = {
  'not-a-folder': 'That is a file: name a folder.',
  'not-writable': 'You may not write there: name another folder.',
  unreachable: 'That folder cannot be reached: name another one.',
}

interface Place {
  readonly path: string
  readonly freeBytes: number | undefined
}

/** The base path; undefined where nothing is kept. */
export async function folderStep(questions: Questions, network: ChosenNetwork, defaultFolder: string): Promise<{ readonly path: string | undefined } | Back> {
  if (network.isDev) {
    const keeps = await questions.choose('Data', [
      { label: 'Keep nothing', detail: 'the network begins anew at each start', value: false },
      { label: 'Keep them in a folder', value: true },
    ])
    if (keeps === BACK) return BACK
    if (!keeps) return { path: undefined }
  } else questions.title('Data folder')
  const { freeBytes } = await checkFolder(defaultFolder)
  if (freeBytes !== undefined) questions.say(`On the disk of ${defaultFolder} ${sizeText(freeBytes)} are free${network.diskBytes === undefined ? '' : `; ${network.name} needs about ${sizeText(network.diskBytes)}`}.`)
  for (;;) {
    const place = await questions.line('Folder', defaultFolder, placeOf)
    if (place === BACK) return BACK
    if (place.path !== defaultFolder && place.freeBytes !== undefined) questions.say(`${sizeText(place.freeBytes)} are free there.`)
    if (existsSync(chainDataPath(place.path, network))) questions.say(`There are data of ${network.name} already: the node goes on with them.`)
    if (network.diskBytes === undefined || place.freeBytes === undefined || place.freeBytes >= network.diskBytes) return place
    const anyway = await questions.yes(`${network.name} needs about ${sizeText(network.diskBytes)}. Use this folder all the same?`, false)
    if (anyway === true) return place
  }
}

async function placeOf(text: string): Promise<Checked<Place>> {
  const { path, problem, freeBytes } = await checkFolder(pathOf(text))
  const why = problem === undefined ? undefined : PROBLEMS[problem]
  return why === undefined ? { value: { path, freeBytes } } : { problem: why }
}
