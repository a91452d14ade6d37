import { useQueryClient } from "@tanstack/react-query";
import { secondFactor } from "../api/questions.ts";

/** Has the person add or show a second factor; whatever was refused for want of one is then asked for again. */
export function useSecondFactor(): () => void {
  const queryClient = useQueryClient();
  return () => {
    void secondFactor.ask().then((done) => (done ? queryClient.invalidateQueries() : undefined));
  };
}
