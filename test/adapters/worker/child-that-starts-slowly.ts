// Stands in for a child on an overloaded machine: its start alone takes longer than a job may.
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
require('./child-that-crashes.ts');
