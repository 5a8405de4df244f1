/** A sample of the campaign of the same name: requests that schemathesis makes up out of the OpenAPI document, a few for each method. */
import { describe, expect, it } from 'vitest'
import { schemathesis, schemathesisCampaign } from '../campaign/schemathesis.ts'

const { python = '', missing } = schemathesis()

describe.skipIf(missing !== undefined)(`schemathesis${missing === undefined ? '' : ` (skipped: ${missing})`}`, () => {
  it('finds no fault: each answer is as the document has it, and nonsense is refused with a code', { timeout: 240_000 }, async () => {
    const { isClean, text } = await schemathesisCampaign({ python, examples: 1, seed: 1 })
    expect(isClean ? '' : text).toBe('')
    expect(text).toMatch(/Tested: (\d{2,})/)
  })
})
