//! Every order of signing, registering, waiting and withdrawing, with up to four updates: nobody loses money by an order of calls.
//!
//! A search runs through all that parties can do off the chain and all calls that anybody can make with what he holds, from every state
//! that is reached. Off the chain, parties agree on updates one after another; one party may sign the next update and wait in vain for
//! the others, who then hold a state that it does not; in the end they may agree on a last state. On the chain, each party registers any
//! state that it holds, old or new, admitting or hiding that it signed another; so does a watcher, to whom all states were given.
//!
//! In each state that is reached:
//! - all accounts together have what they had at the beginning, and what is on hold is what channels say;
//! - a registered version never goes down and its deadline never moves;
//! - a bond is lost exactly where a state is shown that its party had signed and not admitted;
//! - a call that is refused changes nothing.
//!
//! Where a channel is over, everybody has at least what the newest registered state gives him, less his bond where he cheated. A party
//! that kept to the rules, and for which somebody registered the newest state in time, has its full share of that state, and its bond.
use super::mock::{self, *};
use crate::{channel::*, message::*, Call, Channels, HoldReason};
use codec::Encode;
use frame_support::traits::fungible::{Inspect, InspectHold};
use sp_core::H256;
use std::collections::BTreeSet;

/// What each version gives to the parties. Every party has versions that it would rather have kept.
struct Plan {
    deposits: &'static [u64],
    updates: &'static [&'static [u64]],
    last: &'static [u64],
}

const TWO: Plan = Plan { deposits: &[100, 50], updates: &[&[40, 110], &[149, 1], &[0, 150], &[75, 75]], last: &[60, 90] };
const THREE: Plan = Plan { deposits: &[100, 50, 0], updates: &[&[40, 60, 50], &[150, 0, 0]], last: &[10, 20, 120] };

/// Who has money. The sum of it is the total issuance.
const EVERYBODY: [u64; 5] = [1, 2, 3, 4, STRANGER];

/// What happened off the chain, and how each party has behaved.
#[derive(Clone, Encode)]
struct World {
    /// The newest version that all hold with all signatures.
    signed: u64,
    /// Who has signed the version after and got nothing back. All others hold it with all signatures.
    waiting: Option<u64>,
    /// Whether all agreed to close with the version after.
    last: bool,
    /// The parties that broke a rule.
    unruly: Vec<bool>,
    /// The parties whose bonds are lost.
    lost: Vec<bool>,
}

struct Search {
    plan: Plan,
    channel: H256,
    total: u64,
    seen: BTreeSet<[u8; 32]>,
    ended: usize,
}

impl Search {
    fn parties(&self) -> u64 {
        self.plan.deposits.len() as u64
    }

    fn balances(&self, version: u64) -> &'static [u64] {
        if version == 0 { self.plan.deposits } else { self.plan.updates[version as usize - 1] }
    }

    /// The newest version that an account can show. The watcher is given what anybody has.
    fn newest(&self, world: &World, account: u64) -> u64 {
        world.signed + u64::from(world.waiting.is_some_and(|who| who != account))
    }

    fn proof(&self, version: u64) -> SignedState<Test> {
        signed(self.channel, state(version, self.balances(version)), false)
    }

    /// Goes on from a state in every way.
    fn explore(&mut self, world: World) {
        let on_chain = Channels::<Test>::get(self.channel);
        let key = sp_io::hashing::blake2_256(&(&world, &on_chain, accounts(), System::block_number()).encode());
        if !self.seen.insert(key) {
            return;
        }
        self.check_money(&on_chain);
        let Some(channel) = on_chain else { return };
        self.off_chain(&world, &channel);
        self.on_chain(&world, &channel);
    }

    fn off_chain(&mut self, world: &World, channel: &Channel<Test>) {
        let in_dispute = match channel.phase {
            Phase::Open => false,
            Phase::Disputed(_) => true,
            _ => return,
        };
        if world.last {
            return;
        }
        // Who signs an update during a dispute breaks a rule; to sign a last state is allowed.
        let updates = self.plan.updates.len() as u64;
        let mut unruly = world.unruly.clone();
        match world.waiting {
            None if world.signed < updates => {
                if in_dispute {
                    unruly.fill(true);
                }
                self.explore(World { signed: world.signed + 1, unruly: unruly.clone(), ..world.clone() });
                for who in 1..=self.parties() {
                    self.explore(World { waiting: Some(who), unruly: unruly.clone(), ..world.clone() });
                }
            }
            // The others give the state to the one that waits.
            Some(_) => self.explore(World { signed: world.signed + 1, waiting: None, ..world.clone() }),
            None => {}
        }
        if world.waiting.is_none() {
            self.explore(World { last: true, ..world.clone() });
        }
    }

    fn on_chain(&mut self, world: &World, channel: &Channel<Test>) {
        let id = self.channel;
        match &channel.phase {
            Phase::Opening => unreachable!("all parties have joined"),
            Phase::Open => {
                for party in 1..=self.parties() {
                    for version in 0..=self.newest(world, party) {
                        for pending in [false, true] {
                            let newest = (version > 0).then(|| self.proof(version));
                            let next = self.registering(world, party, version, pending);
                            self.attempt(party, Call::dispute { channel: id, newest, pending }, true, next);
                        }
                    }
                }
                self.closing(world, channel, 0);
            }
            Phase::Disputed(dispute) => {
                let registered = dispute.registered.version;
                let late = System::block_number() >= dispute.deadline;
                for account in (1..=self.parties()).chain([STRANGER]) {
                    for version in 1..=self.newest(world, account) {
                        for pending in if account == STRANGER { &[false][..] } else { &[false, true] } {
                            let mut next = self.registering(world, account, version, *pending);
                            // An oracle of its own for who loses a bond.
                            if let Some(by) = dispute.by.filter(|_| version > registered) {
                                let by = by as usize;
                                next.lost[by] |= version > registered + u64::from(dispute.pending);
                            }
                            let call = Call::answer { channel: id, newer: self.proof(version), pending: *pending };
                            self.attempt(account, call, version > registered && !late, next);
                        }
                    }
                }
                self.closing(world, channel, registered);
                self.attempt(STRANGER, Call::conclude { channel: id }, late, world.clone());
                if !late {
                    self.tick(world);
                }
            }
            Phase::Concluded(dues) => {
                for party in 1..=self.parties() {
                    self.attempt(party, Call::withdraw { channel: id }, dues[party as usize - 1] > 0, world.clone());
                }
                self.attempt(STRANGER, Call::answer { channel: id, newer: self.proof(1), pending: false }, false, world.clone());
            }
        }
    }

    /// The world after somebody registers a version. A party breaks a rule by one that is not its newest, by hiding that it waits
    /// for an answer, or by registering an update when there is a last state.
    fn registering(&self, world: &World, account: u64, version: u64, pending: bool) -> World {
        let mut next = world.clone();
        if account <= self.parties() && (version != self.newest(world, account) || pending != (world.waiting == Some(account)) || world.last) {
            next.unruly[account as usize - 1] = true;
        }
        next
    }

    fn closing(&mut self, world: &World, channel: &Channel<Test>, registered: u64) {
        if !world.last {
            return;
        }
        let version = world.signed + 1;
        let last = signed(self.channel, state(version, self.plan.last), true);
        assert!(version > registered, "a last state is newer than every update");
        let call = Call::close { channel: self.channel, last };
        let expected: Vec<u64> =
            channel.parties.iter().zip(self.plan.last).map(|(party, balance)| wealth(party.account) - party.held + balance + party.bonds).collect();
        self.within(|search| {
            mock::call(STRANGER, call).expect("a last state always closes");
            System::reset_events();
            assert_eq!((1..=search.parties()).map(wealth).collect::<Vec<_>>(), expected);
            search.over(world);
            search.explore(world.clone());
        });
    }

    fn tick(&mut self, world: &World) {
        let block = System::block_number();
        System::set_block_number(block + 1);
        self.explore(world.clone());
        System::set_block_number(block);
    }

    /// Makes a call and goes on from what came of it.
    fn attempt(&mut self, who: u64, call: Call<Test>, allowed: bool, next: World) {
        let before = Channels::<Test>::get(self.channel).expect("the channel exists");
        let untouched = accounts();
        self.within(|search| {
            let result = mock::call(who, call.clone());
            assert_eq!(result.is_ok(), allowed, "{who}: {call:?} in {before:?}");
            if !allowed {
                assert_eq!((Channels::<Test>::get(search.channel).as_ref(), accounts()), (Some(&before), untouched));
                return;
            }
            System::reset_events();
            match Channels::<Test>::get(search.channel) {
                Some(after) => {
                    check_order(&before.phase, &after.phase);
                    let lost: Vec<bool> = after.parties.iter().map(|party| !party.bonded).collect();
                    assert_eq!(lost, next.lost, "{who}: {call:?} in {before:?}");
                    if let (Phase::Disputed(dispute), Phase::Concluded(dues)) = (&before.phase, &after.phase) {
                        search.concluded(&next, &dispute.registered, dues);
                    }
                }
                None => search.over(&next),
            }
            search.explore(next);
        });
    }

    /// What a dispute came to.
    fn concluded(&self, world: &World, registered: &State<Test>, dues: &Amounts<Test>) {
        for party in 1..=self.parties() {
            let index = party as usize - 1;
            let (due, balance) = (dues[index], registered.balances[index]);
            assert!(due >= balance + if world.lost[index] { 0 } else { BOND });
            if !world.unruly[index] {
                assert!(!world.lost[index], "party {party} kept to the rules");
                // Somebody answered for it: then it has what the newest state says that it signed.
                if !world.last && registered.version >= self.newest(world, party) {
                    assert!(due >= self.balances(registered.version)[index] + BOND);
                }
            }
        }
    }

    /// The channel is gone: so is everything on hold.
    fn over(&mut self, world: &World) {
        self.ended += 1;
        for party in 1..=self.parties() {
            assert_eq!(held(party), 0);
            assert!(wealth(party) + if world.lost[party as usize - 1] { BOND } else { 0 } >= START - self.plan.deposits[party as usize - 1]);
        }
    }

    fn check_money(&self, channel: &Option<Channel<Test>>) {
        assert_eq!(EVERYBODY.map(wealth).iter().sum::<u64>(), self.total);
        assert_eq!(Balances::total_issuance(), self.total);
        let Some(channel) = channel else { return };
        for party in &channel.parties {
            assert_eq!(held(party.account), party.held);
        }
        let on_hold: u64 = channel.parties.iter().map(|party| party.held).sum();
        let owed: u64 = match &channel.phase {
            Phase::Concluded(dues) => {
                // Who has something on hold exists, so it can be paid.
                assert!(channel.parties.iter().zip(dues).all(|(party, due)| *due == 0 || party.held > 0));
                dues.iter().sum()
            }
            _ => channel.parties.iter().map(|party| party.deposit + party.bonds).sum(),
        };
        assert_eq!(on_hold, owed);
    }

    /// Does something and takes it back.
    fn within(&mut self, work: impl FnOnce(&mut Self)) {
        let block = System::block_number();
        sp_io::storage::start_transaction();
        work(self);
        sp_io::storage::rollback_transaction();
        assert_eq!(System::block_number(), block);
    }
}

/// Versions go up, deadlines stay, and a phase that is over does not come back.
fn check_order(before: &Phase<Test>, after: &Phase<Test>) {
    match (before, after) {
        (Phase::Open, Phase::Disputed(dispute)) => assert_eq!(dispute.deadline, System::block_number() + CHALLENGE),
        (Phase::Disputed(old), Phase::Disputed(new)) => {
            assert!(new.registered.version > old.registered.version);
            assert_eq!(new.deadline, old.deadline);
        }
        (Phase::Disputed(_), Phase::Concluded(_)) | (Phase::Concluded(_), Phase::Concluded(_)) => {}
        other => panic!("{other:?}"),
    }
}

fn held(account: u64) -> u64 {
    Balances::balance_on_hold(&HoldReason::Channel.into(), &account)
}

fn wealth(account: u64) -> u64 {
    Balances::total_balance(&account)
}

/// All money that there is, and where.
fn accounts() -> [(u64, u64); 5] {
    EVERYBODY.map(|account| (wealth(account), held(account)))
}

/// Returns how many states were reached, and in how many ways a channel ended.
fn search(plan: Plan) -> (usize, usize) {
    let mut result = (0, 0);
    network().execute_with(|| {
        let parties = plan.deposits.len();
        let channel = open_channel(plan.deposits);
        System::reset_events();
        let total = Balances::total_issuance();
        let mut search = Search { plan, channel, total, seen: BTreeSet::new(), ended: 0 };
        search.explore(World { signed: 0, waiting: None, last: false, unruly: vec![false; parties], lost: vec![false; parties] });
        result = (search.seen.len(), search.ended);
    });
    result
}

#[test]
fn two_parties_and_a_watcher_in_every_order() {
    let (states, ends) = search(TWO);
    println!("{states} states, {ends} ends");
    assert!(states > 10_000 && ends > 1_000, "{states} states, {ends} ends");
}

#[test]
fn three_parties_and_a_watcher_in_every_order() {
    let (states, ends) = search(THREE);
    println!("{states} states, {ends} ends");
    assert!(states > 10_000 && ends > 1_000, "{states} states, {ends} ends");
}
