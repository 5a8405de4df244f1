/** What may be chosen of a private network, for the API. */
export { privateChoicesSchema } from '../../../chain/spec/private-choices.ts'
