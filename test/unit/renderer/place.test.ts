/** Of which computer the texts of a window speak: this one, or that of the node elsewhere that the window shows. */
import { afterEach, describe, expect, it } from 'vitest'
import { appTexts } from '../../../build/texts/catalogs.ts'
import { usePlace } from '../../../renderer/i18n/place.ts'
import { troubleText } from '../../../renderer/text/troubles.ts'
import { SAMPLE_TROUBLES } from '../../helpers/sample-troubles.ts'

const HERE = { en: /this computer/i, de: /diese[nmrs]? (Computer|Rechner)/i, es: /este ordenador/i } as const

/**
 * Texts that a window for a node elsewhere does not show (networks, keys and settings are this computer's to change there), or in which the
 * person's own computer is meant. A new text that speaks of this computer takes its word from renderer/i18n/place.ts, or its place is here.
 */
const OF_THIS_COMPUTER = /^(ceremony|setup|settings|developer\/secondNodeHint|remote\/rpcThere|errors\/AUTHORITIES_NO_KEY)\b/

const speaking = () =>
  appTexts().flatMap(({ path, texts }) => (Object.keys(HERE) as (keyof typeof HERE)[]).flatMap((language) => (texts[language].some((text) => HERE[language].test(text)) ? [path] : [])))

afterEach(() => usePlace(undefined))

describe('the texts of a window', () => {
  it('speak of this computer in the app’s own', () => {
    expect(speaking()).toEqual(expect.arrayContaining([expect.stringMatching(/walletsHint$/), expect.stringMatching(/clockBehindTitle$/), expect.stringMatching(/external$/)]))
    expect(troubleText(SAMPLE_TROUBLES(0).find(({ code }) => code === 'clock-wrong') as never, 0).title).toBe('The clock of this computer is 1 h slow')
  })

  it('name that node’s where the window shows a node elsewhere', () => {
    usePlace('Attic')
    expect([...new Set(speaking())].filter((path) => !OF_THIS_COMPUTER.test(path) && !path.startsWith('electron'))).toEqual([])
    expect(troubleText(SAMPLE_TROUBLES(0).find(({ code }) => code === 'clock-wrong') as never, 0).title).toBe('The clock of Attic’s computer is 1 h slow')
  })
})
