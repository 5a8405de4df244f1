/** What encrypts the keys in their files: a passphrase that a person types after each start, or one in a file that the node reads. */
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeError, errorMessage } from '../../base/errors.ts'
import type { Passphrase } from './answers.ts'
import { keysIn, type KeyPlace } from './keys-step.ts'
import { pathOf } from './network-step.ts'
import { BACK, type Back, type Checked, type Questions } from './questions.ts'

const LEAST = 8
const FILE_NAME = 'keystore-passphrase'
const MADE_BYTES = 24

export async function passphraseStep(questions: Questions, place: KeyPlace): Promise<Passphrase | Back> {
  const keys = keysIn(place)
  await keys.open()
  const isNew = keys.keystore.lockState === 'new'
  for (;;) {
    const how = await questions.choose('Passphrase of the keys', [
      { label: 'In a file', detail: 'the node unlocks its keys by itself at each start', value: 'file' },
      { label: 'Typed', detail: 'you unlock them after each start, on the dashboard', value: 'typed' },
    ])
    if (how === BACK) return BACK
    const passphrase = how === 'file' ? await ofFile(questions, place) : await typed(questions, place, isNew)
    if (passphrase !== BACK) return passphrase
  }
}

async function typed(questions: Questions, place: KeyPlace, isNew: boolean): Promise<Passphrase | Back> {
  if (!isNew) {
    const text = await questions.secret('Passphrase', (given) => opening(place, given))
    return text === BACK ? BACK : { text, file: undefined }
  }
  const text = await questions.secret(`New passphrase, at least ${LEAST} characters`, longEnough)
  if (text === BACK) return BACK
  const again = await questions.secret('Once more', (given) => (given === text ? { value: given } : { problem: 'The two differ: type the same again, or b to go back.' }))
  return again === BACK ? BACK : { text, file: undefined }
}

async function ofFile(questions: Questions, place: KeyPlace): Promise<Passphrase | Back> {
  questions.say('Its first line is the passphrase. A file that is not there is made, with a random one.')
  return questions.line('File', join(place.folder, FILE_NAME), async (given): Promise<Checked<Passphrase>> => {
    const path = pathOf(given)
    try {
      const text = (await readFile(path, 'utf8')).split(/\r?\n/)[0] ?? ''
      const checked = await opening(place, text)
      return 'problem' in checked ? checked : { value: { text, file: { path, isNew: false } } }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return { problem: `The file cannot be read: ${errorMessage(error)}.` }
      return opens(place, { text: randomBytes(MADE_BYTES).toString('base64url'), file: { path, isNew: true } })
    }
  })
}

/** A new one opens nothing that has one already. */
async function opens(place: KeyPlace, passphrase: Passphrase): Promise<Checked<Passphrase>> {
  const keys = keysIn(place)
  await keys.open()
  return keys.keystore.lockState === 'new' ? { value: passphrase } : { problem: 'There is no such file, and the keys of the folder have a passphrase already: name the file with it.' }
}

/** Tries it on the keys that are there. */
async function opening(place: KeyPlace, text: string): Promise<Checked<string>> {
  const keys = keysIn(place)
  await keys.open()
  if (keys.keystore.lockState === 'new') return longEnough(text)
  try {
    await keys.keystore.unlock(text)
    return { value: text }
  } catch (error) {
    return { problem: describeError(error) }
  } finally {
    await keys.keystore.lock()
  }
}

function longEnough(text: string): Checked<string> {
  return [...text].length >= LEAST ? { value: text } : { problem: `A passphrase has at least ${LEAST} characters. Four unrelated words are easy to remember.` }
}
