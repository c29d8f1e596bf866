"""The jobs: process what came in, deliver what goes out, read members, forget what is old."""
