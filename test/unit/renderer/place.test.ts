/** Of which computer the texts of a window speak: this one, or that of the node elsewhere that the window shows. */
import { afterEach, describe, expect, it } from 'vitest'
import { appTexts } from '../../../build/texts/catalogs.ts'
import { usePlace } from '../../../renderer/i18n/place.ts'
import { troubleText } from '../../../renderer/text/troubles.ts'
import { SAMPLE_TROUBLES } from '../../helpers/sample-troubles.ts'

const HERE = { en: /this computer/i, de: /diese[nmrs]? (Computer|Rechner)/i, es: /este ordenador/i } as const

/**
 * Texts that a window for a node elsewhere does not show (networks, keys, settings and the gateway are this computer's to change there), or in which the
 * person's own computer is meant. A new text that speaks of this computer takes its word from renderer/i18n/place.ts, or its place is here.
 */
const OF_THIS_COMPUTER = /^(ceremony|gateway|setup|settings|developer\/secondNodeHint|remote\/rpcThere|errors\/(AUTHORITIES_NO_KEY|GATEWAY_METHOD_REFUSED))\b/

const speaking = () =>
  appTexts().flatMap(({ path, texts }) => (Object.keys(HERE) as (keyof typeof HERE)[]).flatMap((language) => (texts[language].some((text) => HERE[language].test(text)) ? [path] : [])))

afterEach(() => usePlace('here'))

describe('the texts of a window', () => {
  it('speak of this computer in the app’s own', () => {
    expect(speaking()).toEqual(expect.arrayContaining([expect.stringMatching(/walletsHint$/), expect.stringMatching(/clockBehindTitle$/), expect.stringMatching(/external$/)]))
    expect(troubleText(SAMPLE_TROUBLES(0).find(({ code }) => code === 'clock-wrong') as never, 0).title).toBe('The clock of this computer is 1 h slow')
  })

  it('name that node’s where the window shows a node elsewhere', () => {
    usePlace({ name: 'Attic' })
    expect([...new Set(speaking())].filter((path) => !OF_THIS_COMPUTER.test(path) && !path.startsWith('electron'))).toEqual([])
    expect(troubleText(SAMPLE_TROUBLES(0).find(({ code }) => code === 'clock-wrong') as never, 0).title).toBe('The clock of Attic’s computer is 1 h slow')
  })

  it('speak of the node’s computer in a browser, which may be at the end of a tunnel', () => {
    usePlace('browser')
    expect([...new Set(speaking())].filter((path) => !OF_THIS_COMPUTER.test(path) && !path.startsWith('electron'))).toEqual([])
    expect(troubleText(SAMPLE_TROUBLES(0).find(({ code }) => code === 'clock-wrong') as never, 0).title).toBe('The clock of the node’s computer is 1 h slow')
  })

  it('send nobody to settings that a node from the command line does not have, but name the flag', () => {
    const IN_SETTINGS = { en: /\bin Settings\b/, de: /\bin den Einstellungen\b/, es: /\ben Ajustes\b/ } as const
    const sending = () => appTexts().flatMap(({ path, texts }) => ((Object.keys(IN_SETTINGS) as (keyof typeof IN_SETTINGS)[]).some((language) => texts[language].some((text) => IN_SETTINGS[language].test(text))) ? [path] : []))
    expect(sending()).toEqual(expect.arrayContaining([expect.stringMatching(/relayValidatorText$/), expect.stringMatching(/NAT_PORT_TAKEN$/), expect.stringMatching(/aloneText$/)]))
    usePlace('browser')
    // Of the guide, of a second network, and of errors of these: the app's alone.
    expect(sending().filter((path) => !/^(setup|dataFolder\/portNetwork|electron|errors)\b/.test(path))).toEqual([])
    const texts = SAMPLE_TROUBLES(0).map((trouble) => troubleText(trouble, 0).text).join('\n')
    for (const flag of ['--base-path', '--force-authoring', '--validator']) expect(texts).toContain(flag)
  })
})
