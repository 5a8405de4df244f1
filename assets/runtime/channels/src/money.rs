//! How money moves. What is in a channel stays on hold in the accounts of its parties until somebody withdraws.
//!
//! No account of the pallet holds it, so none can be dusted, and an account with something on hold cannot cease to exist: it can
//! always be paid, whatever the existential deposit. Who gets more than he brought in is paid from what is on hold in the accounts of
//! those who get less. Holds cannot be escaped by freezing an account; that is what `Force` is for.
use crate::{channel::*, BalanceOf, Config, HoldReason};
use frame_support::{
    pallet_prelude::*,
    storage::with_storage_layer,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude::Force, Precision::Exact, Restriction::Free},
    },
};
use sp_runtime::traits::{Saturating, Zero};

fn reason<T: Config>() -> T::RuntimeHoldReason {
    HoldReason::Channel.into()
}

impl<T: Config> Party<T> {
    /// Takes the party's deposit and bond on hold.
    pub fn join(&mut self, bond: BalanceOf<T>) -> DispatchResult {
        let amount = self.deposit.saturating_add(bond);
        T::Currency::hold(&reason::<T>(), &self.account, amount)?;
        self.held = amount;
        self.bonds = bond;
        self.bonded = true;
        Ok(())
    }

    /// Gives back what is on hold, all of it.
    pub fn leave(&mut self) -> DispatchResult {
        self.release(self.held)
    }

    fn release(&mut self, amount: BalanceOf<T>) -> DispatchResult {
        if !amount.is_zero() {
            T::Currency::release(&reason::<T>(), &self.account, amount, Exact)?;
            self.held = self.held.saturating_sub(amount);
        }
        Ok(())
    }

    fn pay(&mut self, to: &T::AccountId, amount: BalanceOf<T>) -> DispatchResult {
        if !amount.is_zero() {
            T::Currency::transfer_on_hold(&reason::<T>(), &self.account, to, amount, Exact, Free, Force)?;
            self.held = self.held.saturating_sub(amount);
        }
        Ok(())
    }
}

impl<T: Config> Channel<T> {
    /// Pays the share of whoever showed that a party knew better. An account that cannot be paid (it does not exist, and the share is
    /// less than it needs to) leaves it to the other parties.
    pub fn reward(&mut self, forfeit: &Forfeit<T>, prover: &T::AccountId) {
        let loser = forfeit.loser as usize;
        let paid = self.parties.get_mut(loser).is_some_and(|party| with_storage_layer(|| party.pay(prover, forfeit.reward)).is_ok());
        if !paid {
            self.share_out(loser, forfeit.reward);
        }
    }

    /// Pays a party what is due to it: from its own account first, then from those in which more is on hold than is due to them.
    pub fn pay_out(&mut self, index: usize, dues: &mut Amounts<T>) -> DispatchResult {
        let Some(mut due) = dues.get_mut(index).map(core::mem::take) else { return Ok(()) };
        let account = self.parties[index].account.clone();
        let own = due.min(self.parties[index].held);
        self.parties[index].release(own)?;
        due = due.saturating_sub(own);
        for (party, other) in self.parties.iter_mut().zip(dues.iter()) {
            let part = due.min(party.held.saturating_sub(*other));
            party.pay(&account, part)?;
            due = due.saturating_sub(part);
        }
        ensure!(due.is_zero(), DispatchError::Corruption);
        Ok(())
    }
}
