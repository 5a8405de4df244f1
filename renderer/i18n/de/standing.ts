/** Wo ein Node steht, wenn niemand es bestätigt: allein, oder bevor der erste Block kam. */
import type { Messages } from '../messages.ts'
import { de as here } from '../place.ts'

export const standing: Messages['standing'] = {
  lookingForPeers: (facts) => `Sucht Peers: ${facts}.`,
  comparing: (facts) => `Wartet auf einen neuen Block: ${facts}.`,
  onlyGenesis: 'bisher nur der Genesis-Block',
  genesisTile: 'Bisher nur der Genesis-Block',
  syncWaiting: (best, peers) => `Wartet auf einen neuen Block: bester Block ${best}, ${peers}.`,
  stageAlone: 'Allein',
  stageAloneMeaning: 'Kein Peer sagt, wie lang die Kette ist.',
  stageProducing: 'Produziert allein',
  stageProducingMeaning: 'Dieser Node produziert die Blöcke; zum Vergleich fehlt ein Peer.',
  gapUnknown: 'ohne Peers unbekannt',
  gapOurs: (ours) => `Bester Block ${ours}`,
  timeLeftAlone: 'Bekannt, sobald ein Peer verbunden ist',
  noMembersTitle: 'Kein anderer Node dieses Netzwerks ist verbunden',
  noMembersText: (span) =>
    `Seit ${span} ist dieser Node allein in seinem Netzwerk. Die Nodes der anderen Mitglieder sind vielleicht gestoppt oder kennen die Adresse ${here.des()} nicht. Bitten Sie ein Mitglied, einen Node zu starten oder eine Einladung zu senden, oder verbinden Sie sich über eine Adresse.`,
  connect: 'Verbinden mit…',
  nobodyOwn: (bans) => `Noch keine Peers${bans}: Kein anderer Node dieses Netzwerks hat geantwortet. Bitten Sie ein Mitglied, einen Node zu starten, oder verbinden Sie sich über eine Adresse.`,
  get noAnswerOwn() {
    return `Prüfen Sie, ob die Nodes der anderen Mitglieder laufen und ${here.den()} erreichen, oder verbinden Sie sich in der Ansicht Peers mit einem.`
  },
}
