// Exists to build the precompiled GoogleTest headers that all test programs reuse.
int main() { return 0; }
