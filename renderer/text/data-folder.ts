/**
 * The card of a data folder that is not the one that was used last: what it says, and what it offers; and of a database that
 * cannot be used. Pure.
 */
import { formatHeight } from './format.ts'
import { m } from '../i18n/language.ts'
import { byFlag } from '../i18n/place.ts'
import type { FolderFault } from '../../node-core/manager/folders/folder-check.ts'
import type { Trouble } from '../../node-core/manager/watch/troubles.ts'

export type DataFolderTrouble = Extract<Trouble, { readonly code: 'data-folder' }>
export type DataFolderAction = 'choose-folder' | 'use-as-it-is' | 'begin-anew'

export function dataFolderText({ reason, path, found, seen }: DataFolderTrouble): { readonly title: string; readonly text: string } {
  const { titles, texts } = m.dataFolder
  const isMeasured = reason === 'older' && found !== undefined && seen !== undefined
  const text = isMeasured ? texts.olderBy(path, formatHeight(found), formatHeight(seen)) : texts[reason](path)
  return { title: titles[reason], text: byFlag(text, `${text} ${m.browser.folderThere}`) }
}

/** A database that does not open, or not for this node. */
export function unusableText({ reason, path, soleAuthority }: Extract<Trouble, { readonly code: 'database-unusable' }>): { readonly title: string; readonly text: string } {
  const { trouble: t, dataFolder } = m
  const words = {
    damaged: { title: t.damagedTitle, text: dataFolder.damagedText(path) },
    'beyond-repair': { title: dataFolder.beyondTitle, text: dataFolder.beyondText(path) },
    failed: { title: dataFolder.failedTitle, text: dataFolder.failedText(path) },
    'other-version': { title: t.versionTitle, text: t.versionText(path) },
    'other-chain': { title: t.chainTitle, text: t.chainText(path) },
  }[reason]
  return soleAuthority === true ? { ...words, text: `${words.text} ${dataFolder.soleWarning}` } : words
}

export function repairedText({ newest, seen, kept }: Extract<Trouble, { readonly code: 'database-repaired' }>): { readonly title: string; readonly text: string } {
  const { repairedTitle, repairedAll, repairedUpTo } = m.dataFolder
  const isLess = seen !== undefined && newest < seen
  return { title: repairedTitle, text: isLess ? repairedUpTo(formatHeight(newest), formatHeight(seen), kept) : repairedAll(formatHeight(newest), kept) }
}

/** Besides looking again. To go on with what is there is offered where it is of this network; to begin anew, where a folder can be made. */
export function dataFolderActions(reason: FolderFault): readonly DataFolderAction[] {
  switch (reason) {
    case 'older':
    case 'other-instance':
    case 'no-identity':
    case 'no-keys':
      return ['choose-folder', 'use-as-it-is', 'begin-anew']
    case 'gone':
    case 'empty':
    case 'other-network':
    case 'no-database':
      return ['choose-folder', 'begin-anew']
    case 'replaced':
    case 'denied':
    case 'read-only':
    case 'not-a-folder':
      return ['choose-folder']
  }
}

/** What beginning anew means, and what may be lost by it. */
export function anewWords({ reason, soleAuthority }: DataFolderTrouble): { readonly text: string; readonly warning: string | undefined } {
  const { anewText, anewTextGone, anewSole } = m.dataFolder
  const isAway = reason === 'gone' || reason === 'empty' || reason === 'other-network' || reason === 'other-instance'
  return { text: isAway ? anewTextGone : anewText, warning: soleAuthority ? anewSole : undefined }
}
