/** Je eine Zeile zu dem, was jemand zum ersten Mal sieht. */
import { formatNumber } from '../../text/format.ts'
import type { Messages } from '../messages.ts'

export const hints: Messages['hints'] = {
  label: 'Hinweis',
  dismiss: 'Diesen Hinweis ausblenden',
  none: 'Keine Hinweise mehr',
  again: 'Hinweise wieder zeigen',
  peer: 'Ein Peer ist ein anderer Node dieses Netzwerks, meist auf einem anderen Computer.',
  direction: 'Zu ausgehenden Peers hat dieser Node die Verbindung aufgebaut, eingehende haben sie zu ihm aufgebaut.',
  finality: (lag) =>
    lag === 0
      ? 'Die Finalität hat den besten Block erreicht: Authorities haben über ihn abgestimmt, er bleibt.'
      : `Die Finalität liegt ${lag === 1 ? '1 Block' : `${formatNumber(lag)} Blöcke`} zurück: Authorities stimmen über einen Block ab, nachdem er produziert wurde.`,
  slot: (span) => `Die Zeit ist in Slots von ${span} geteilt: Eine Authority produziert in jedem Slot, der ihr gehört, einen Block.`,
  catchingUp: 'Der Node holt auf: Er lädt fehlende Blöcke von seinen Peers und prüft sie.',
  upToDate: 'Aktuell heißt: Kein verbundener Peer hat eine längere Kette gemeldet.',
  fork: 'Linien nebeneinander sind Forks: Blöcke mit demselben Elternblock, von denen nur einer finalisiert wird.',
}
