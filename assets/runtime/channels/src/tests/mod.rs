//! The tests of channels.
mod disputes;
mod interleavings;
mod mock;
mod opening;
mod payments;
mod states;
