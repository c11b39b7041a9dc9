"""What tests share: made-up people, text grids of typed rows, engines."""
