"""The messages and methods of the socket: ``ipc.proto`` beside the node's source says what they mean. One module for each of its services."""
