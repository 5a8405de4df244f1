/** The renderer's entry: connects to the node and puts the app on the page. */
import { mount } from 'svelte'
import App from './App.svelte'
import { connect } from './trpc/client.ts'
import './app.css'

const target = document.getElementById('app')
if (target === null) throw new Error('index.html lacks #app')
mount(App, { target, props: { connection: connect() } })
