/** The renderer's entry: connects to the node and puts the app on the page. */
import { mount } from 'svelte'
import App from './App.svelte'
import { usePlace } from './i18n/place.ts'
import { connect, placeOfPage } from './trpc/client.ts'
import './app.css'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html lacks #app')
// Words for the computer of the node, before the first of them is drawn.
usePlace(placeOfPage())
mount(App, { target, props: { connection: connect() } })
