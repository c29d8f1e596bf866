"""SQL, and the two engines that understand it; nobody else knows which one runs."""
